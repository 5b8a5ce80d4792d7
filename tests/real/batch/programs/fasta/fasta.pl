use strict;
use warnings;

my $sequence = 'GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC';
my @bases = (('a') x 30, ('c') x 20, ('g') x 20, ('t') x 30);
my @codes = (('a') x 27, ('c') x 12, ('g') x 12, ('t') x 27, map { ($_) x 2 } qw(B D H K M N R S V W Y));

{
    my $seed = 42;

    sub drawn {
        $seed = ($seed * 1366 + 150889) % 714025;
        return $_[int $seed * 100 / 714025];
    }
}

sub record {
    my ($title, $text) = @_;
    print ">$title\n", map { "$_\n" } unpack '(A60)*', $text;
}

record('ONE repeated', substr $sequence x 50, 0, 2000);
record('TWO drawn from all codes', join '', map { drawn(@codes) } 1 .. 3000);
record('THREE drawn from four bases', join '', map { drawn(@bases) } 1 .. 5000);
