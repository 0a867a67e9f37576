pub(super) fn run(_: &super::Context, _: &super::args::Check) -> Result<(), super::Failure> {
    Ok(())
}
