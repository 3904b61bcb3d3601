//! The files and messages that agent and hub share.
