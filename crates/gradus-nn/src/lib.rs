//! Neural-network layers, losses and initialisers for Gradus.
#![forbid(unsafe_code)]
