use strict;
use warnings;

my @bodies = (
    { x => [0, 0, 0], v => [0, 0, 0], mass => 40 },
    { x => [5, 0, 0.2], v => [0, 2.8, 0], mass => 0.04 },
    { x => [0, 9, -0.5], v => [-2.1, 0, 0.1], mass => 0.01 },
    { x => [-13, 0.3, 0], v => [0, -1.7, 0.05], mass => 0.002 },
);
my @pairs = map { my $i = $_; map { [@bodies[$i, $_]] } $i + 1 .. $#bodies } 0 .. $#bodies;

sub distance {
    my ($one, $other) = @_;
    my $sum = 0;
    $sum += ($one->{x}[$_] - $other->{x}[$_]) ** 2 for 0 .. 2;
    return sqrt $sum;
}

sub energy {
    my $sum = 0;
    for my $body (@bodies) {
        $sum += 0.5 * $body->{mass} * $_ ** 2 for @{ $body->{v} };
    }
    $sum -= $_->[0]{mass} * $_->[1]{mass} / distance(@$_) for @pairs;
    return $sum;
}

sub advance {
    my $dt = shift;
    for (@pairs) {
        my ($one, $other) = @$_;
        my $pull = $dt / distance($one, $other) ** 3;
        for my $i (0 .. 2) {
            my $d = $one->{x}[$i] - $other->{x}[$i];
            $one->{v}[$i] -= $d * $other->{mass} * $pull;
            $other->{v}[$i] += $d * $one->{mass} * $pull;
        }
    }
    for my $body (@bodies) {
        $body->{x}[$_] += $dt * $body->{v}[$_] for 0 .. 2;
    }
}

printf "%.9f\n", energy;
advance(0.01) for 1 .. 1000;
printf "%.9f\n", energy;
printf "%.6f %.6f %.6f\n", @{ $_->{x} } for @bodies;
