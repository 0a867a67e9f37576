//! Who a user of this machine is to the daemon: what the kernel says of the other end of the socket, and the groups they are in.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use crate::model::{AccountRole, Caller, Units};

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A process on this machine, through the socket; as the kernel noted it at the connect.
    Local {
        /// Its user.
        uid: u32,
        /// Its group.
        gid: u32,
    },
    /// Somebody over TCP.
    Remote(SocketAddr),
}

/// What this machine knows of its users.
#[derive(Clone)]
pub struct Peers {
    /// The daemon's own user.
    pub uid: u32,
    /// The daemon's own group: whoever is in it may do everything.
    pub gid: u32,
    /// The units with a group of their own, and that group's number.
    pub units: Vec<(String, u32)>,
    /// The name of a user.
    pub user_name: fn(u32) -> String,
    /// The groups that name a user as their member, beside the one the process is in.
    pub groups_of: fn(&str) -> BTreeSet<u32>,
}

impl Peers {
    /// Who this user is and what they may do; `None`: nobody who may do anything.
    ///
    /// Root, the daemon's user and the members of its group may do everything, as they could by other means. The members of a unit's
    /// group are its operators.
    pub fn caller(&self, uid: u32, gid: u32) -> Option<Caller> {
        let name = (self.user_name)(uid);
        let mut groups = (self.groups_of)(&name);
        groups.insert(gid);
        if uid == 0 || uid == self.uid || groups.contains(&self.gid) {
            return Some(Caller { name, rights: AccountRole::Administrator.rights(), units: Units::All });
        }
        let units: BTreeSet<String> =
            self.units.iter().filter(|(_, group)| groups.contains(group)).map(|(unit, _)| unit.clone()).collect();
        let rights = AccountRole::Operator.rights();
        (!units.is_empty()).then_some(Caller { name, rights, units: Units::Only(units) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Right;

    fn peers() -> Peers {
        Peers {
            uid: 990,
            gid: 991,
            units: vec![("diskominfo".to_owned(), 1002), ("damkar".to_owned(), 1003)],
            user_name: |uid| format!("user{uid}"),
            groups_of: |name| match name {
                "user1000" => BTreeSet::from([1000, 991]),
                "user1001" => BTreeSet::from([1003]),
                _ => BTreeSet::new(),
            },
        }
    }

    #[test]
    fn the_group_of_the_daemon_may_do_everything_that_of_a_unit_its_work_and_others_nothing() {
        for (uid, gid) in [(0, 0), (990, 991), (1000, 1000), (1007, 991)] {
            let caller = peers().caller(uid, gid).unwrap();
            assert!(caller.may(Right::Manage) && caller.units == Units::All, "{uid}");
            assert_eq!(caller.name, format!("user{uid}"));
        }
        let damkar = peers().caller(1001, 1001).unwrap();
        assert!(damkar.may(Right::Submit) && !damkar.may(Right::Manage) && !damkar.may(Right::Approve));
        assert!(damkar.units.has("damkar") && !damkar.units.has("diskominfo"));
        assert_eq!(peers().caller(1008, 1008), None);
    }
}
