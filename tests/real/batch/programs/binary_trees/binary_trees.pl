use strict;
use warnings;

my $deepest = 10;

sub tree {
    my $depth = shift;
    return $depth ? [tree($depth - 1), tree($depth - 1)] : [];
}

sub nodes {
    my $count = 1;
    $count += nodes($_) for @{ $_[0] };
    return $count;
}

my $kept = tree($deepest);
for my $depth (grep { $_ % 2 == 0 } 4 .. $deepest) {
    my $count = 1 << $deepest + 4 - $depth;
    my $total = 0;
    $total += nodes(tree($depth)) for 1 .. $count;
    print "$count trees of depth $depth: $total nodes\n";
}
print "a tree of depth $deepest: ${\ nodes($kept)} nodes\n";
