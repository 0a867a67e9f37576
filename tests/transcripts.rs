//! Sessions against what real modems said: whole starts, and single stories of what goes wrong in a send.

#[path = "transcripts/dialects.rs"]
mod dialects;
#[path = "transcripts/evidence.rs"]
mod evidence;
#[path = "transcripts/families.rs"]
mod families;
#[path = "transcripts/peer.rs"]
mod peer;
#[path = "transcripts/pins.rs"]
mod pins;
#[path = "transcripts/replug.rs"]
mod replug;
#[path = "transcripts/sending.rs"]
mod sending;
#[path = "transcripts/starting.rs"]
mod starting;
#[path = "transcripts/storing.rs"]
mod storing;
#[path = "transcripts/ussd.rs"]
mod ussd;
