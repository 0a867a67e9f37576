//! The `kentongan` program; everything is in the library.

fn main() -> std::process::ExitCode {
    kentongan::cli::main()
}
