//! The simulated AWS, asked as a client would ask it.
