//! How plans are carried out: bounded, verified, one failure not stopping the rest.
