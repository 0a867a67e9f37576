pub(super) fn print_csv(
    _: &crate::store::Reader,
    _: &crate::store::JobView,
    _: &jiff::tz::TimeZone,
) -> Result<(), super::Failure> {
    Ok(())
}
