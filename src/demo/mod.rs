//! The main job on real purchases.
