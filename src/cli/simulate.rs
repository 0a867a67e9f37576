pub(super) fn run(_: &super::Context, _: &super::args::Simulate) -> Result<(), super::Failure> {
    Ok(())
}
