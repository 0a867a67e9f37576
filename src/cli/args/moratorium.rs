use clap::{Args, Subcommand};

use crate::model::Class;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Moratorium {
    /// Enter a stretch of time in which nothing is sent, or nothing of some classes or units. Jobs wait until it is over, and say so.
    Add(MoratoriumAdd),
    /// List those that hold and those to come, also the ones of the configuration.
    List(MoratoriumList),
    /// End one before its time. Those of the configuration end there.
    End(MoratoriumEnd),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct MoratoriumAdd {
    /// Its first day, such as 2027-11-24; or day and hour: '2027-11-24 06:00'.
    #[arg(long, value_name = "DAY")]
    pub from: String,
    /// Its last day, which is part of it; or the day and hour at which it ends.
    #[arg(long, value_name = "DAY")]
    pub until: String,
    /// Only this class: darurat, penting or umum. May be given several times. Without it, all of them, emergencies too, unless
    /// the configuration spares those.
    #[arg(long = "class", value_name = "CLASS")]
    pub classes: Vec<Class>,
    /// Only this unit. May be given several times.
    #[arg(long = "unit", value_name = "UNIT")]
    pub units: Vec<String>,
    /// Why; people read it wherever a job waits for it.
    #[arg(long)]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct MoratoriumList {
    /// Those that are over, too.
    #[arg(long)]
    pub all: bool,
    /// As JSON, with English keys and UTC times.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct MoratoriumEnd {
    /// Its number, as `kentongan moratorium list` shows it.
    pub id: i64,
    /// Why; goes into the record.
    #[arg(long)]
    pub reason: String,
}
