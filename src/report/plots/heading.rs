//! heading
