//! One integration binary; each module tests one part through the library's public face.

mod scenario;
