//! Arguments and configuration, and the headless commands they name.
