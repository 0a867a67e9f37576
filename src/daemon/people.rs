use std::collections::BTreeSet;
use std::path::Path;

/// The name of a user as this machine's `/etc/passwd` has it, else `uid N`. Stands in the record as the actor.
pub fn user_name(uid: u32) -> String {
    std::fs::read_to_string(Path::new("/etc/passwd"))
        .ok()
        .and_then(|passwd| name_in(&passwd, uid))
        .unwrap_or_else(|| format!("uid {uid}"))
}

/// The number of a group as this machine's `/etc/group` has it; `None`: there is no such group.
pub(super) fn group_id(name: &str) -> Option<u32> {
    std::fs::read_to_string(Path::new("/etc/group")).ok().and_then(|groups| number_in(&groups, name))
}

/// The groups that this machine's `/etc/group` names a user a member of; without the one that a user begins in.
pub(super) fn groups_of(user: &str) -> BTreeSet<u32> {
    std::fs::read_to_string(Path::new("/etc/group")).map(|groups| with_member(&groups, user)).unwrap_or_default()
}

fn with_member(groups: &str, user: &str) -> BTreeSet<u32> {
    let member = |line: &str| {
        let mut fields = line.split(':');
        let number = fields.nth(2)?.parse().ok()?;
        fields.next()?.split(',').any(|name| !user.is_empty() && name.trim() == user).then_some(number)
    };
    groups.lines().filter_map(member).collect()
}

fn number_in(groups: &str, name: &str) -> Option<u32> {
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then(|| fields.nth(1)?.parse().ok()).flatten()
    })
}

fn name_in(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_by_name() {
        let groups = "root:x:0:\nbroken\ndamkar:x:1003:andi,budi\n";
        assert_eq!((number_in(groups, "damkar"), number_in(groups, "dam")), (Some(1003), None));
    }

    #[test]
    fn a_user_is_in_the_groups_that_name_them_and_in_none_that_name_somebody_like_them() {
        let groups = "root:x:0:\nbroken\ndamkar:x:1003:andi,budi\nkentongan:x:991:budi\nlain:x:7:andika\n";
        assert_eq!(with_member(groups, "budi"), BTreeSet::from([991, 1003]));
        assert_eq!(with_member(groups, "andi"), BTreeSet::from([1003]));
        assert_eq!(with_member(groups, ""), BTreeSet::new());
    }

    #[test]
    fn a_user_is_found_by_number_and_a_stranger_keeps_it() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nbroken\nandi:x:1000:1000:Andi:/home/andi:/bin/sh\n";
        assert_eq!(name_in(passwd, 1000).as_deref(), Some("andi"));
        assert_eq!(name_in(passwd, 1), None);
        assert_eq!(user_name(u32::MAX - 1), format!("uid {}", u32::MAX - 1));
    }
}
