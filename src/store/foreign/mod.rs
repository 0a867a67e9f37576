//! Databases of other daemons, as far as something is taken over from them. Only reads.

pub mod gammu;
