//! One verb each: load, do, write.
