//! What exists in the accounts, and the rules about it. Knows no SDK, no terminal and no clock.
