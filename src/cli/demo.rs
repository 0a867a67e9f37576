pub(super) fn run(_: &super::Context, _: &super::args::Demo) -> Result<(), super::Failure> {
    Ok(())
}
