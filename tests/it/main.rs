//! The one integration-test binary: each further one would link the SDKs again.

mod architecture;
mod picture;
mod sim;
