use clap::{Args, Subcommand};

use crate::model::{AccountRole, Right};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Account {
    /// Open an account for the web page. The password is asked for; there is none to begin with.
    Add(AccountAdd),
    /// Give an account another role, and other units.
    Change(AccountAdd),
    /// Give an account another password, and sign out whoever is signed in with it.
    Password(AccountNamed),
    /// Close an account. It stays in the list, since the record names it.
    Close(AccountNamed),
    /// List the accounts.
    List(AccessList),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AccountAdd {
    /// The account.
    pub name: String,
    /// viewer or pengamat (sees how things stand), operator (sends, answers, enters opt-outs), approver or penyetuju (the second person;
    /// enters moratoria), or administrator (everything).
    #[arg(long)]
    pub role: AccountRole,
    /// Only for this unit. May be given several times. Without it, for all of them.
    #[arg(long = "unit", value_name = "UNIT")]
    pub units: Vec<String>,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AccountNamed {
    /// The account.
    pub name: String,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AccessList {
    /// As JSON, with English keys and UTC times.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Token {
    /// Make a token by which a program may use the API. It is shown once and kept nowhere.
    Add(TokenAdd),
    /// Revoke a token: at once, and for good.
    Revoke(AccountNamed),
    /// List the tokens, without what they show.
    List(AccessList),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TokenAdd {
    /// What the token is called, in the list and in the record.
    pub name: String,
    /// What it may do: view, people, submit, control, approve, consent, hours, modems, roster or manage. May be given several times.
    #[arg(long = "right", value_name = "RIGHT", required = true)]
    pub rights: Vec<Right>,
    /// Only for this unit. May be given several times. Without it, for all of them.
    #[arg(long = "unit", value_name = "UNIT")]
    pub units: Vec<String>,
    /// It holds for so many days. Without it, until it is revoked.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: Option<u32>,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}
