/// What a job file may say, for the help of the commands that take one. No line is wider than 80 columns: a terminal folds what is.
pub(in crate::cli) const JOB_FILES: &str = "\
A job file is a table (csv, xlsx) with the columns nomor, nama, pesan; or a
.txt: headers, an empty line, the text.

  Kepada: 0812 3456 7890, undangan.csv   numbers and lists (To)
  Kepada: peran=RW dan wilayah=utara     by role and area, from the roster,
                                         on a line of its own
          @rw-utara kecuali kelurahan=Dago
                                         a saved audience (audience save)
  Kelas: darurat | penting | umum        (Class: emergency | important |
                                         routine)
  Kirim: besok 08.00                     not before (Not-Before)
  Kedaluwarsa: 2 jam                     not after (Expires)
  Ragu: tahan | ulang                    when nobody knows whether it left
                                         (In-Doubt: hold | resend)
  Dasar: persetujuan                     the legal basis (Basis: consent)
  Ulang: ya                              the same content again, on purpose
                                         (Again: yes)

Whom: peran, wilayah, kecamatan, kelurahan, rw, rt, instansi (role, area,
district, village, agency), each with one value or several (rw=1-5,
kelurahan=Dago,Pasteur, kelurahan=Coblong/Dago); dan, atau, kecuali, bukan
(and, or, except, not); brackets; semua.

In a text {nama} becomes what the list's column of that name says, or the
roster: nama, peran, jabatan, instansi, kecamatan, kelurahan, rw, rt. Whoever
lacks a value that the text needs gets nothing, and the account says why.
{{nama}} is sent as {nama}.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_on_job_files_fits_80_columns() {
        for line in JOB_FILES.lines() {
            assert!(line.chars().count() < 80, "{line}");
        }
    }
}
