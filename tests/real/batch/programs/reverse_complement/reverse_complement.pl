use strict;
use warnings;

$/ = '>';
<STDIN>;  # nothing stands before the first record
while (my $text = <STDIN>) {
    chomp $text;
    $text =~ s/^(.*\n)//;
    print ">$1";
    $text =~ tr/\n//d;
    ($text = reverse $text) =~ tr/ACGTBDHKMNRSVWYacgt/TGCAVHDMKNYSBWRTGCA/;
    print "$&\n" while $text =~ /.{1,60}/g;
}
