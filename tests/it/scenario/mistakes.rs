//! Mistaken and hostile files, and what is said about them.
