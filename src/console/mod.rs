//! What the user is doing: state, actions, keys and `update`. No I/O and no clock.
