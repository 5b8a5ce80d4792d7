<?php
foreach (array_slice(explode(">", stream_get_contents(STDIN)), 1) as $record) {
    [$title, $text] = explode("\n", $record, 2);
    $text = strtr(strrev(str_replace("\n", "", $text)), "ACGTBDHKMNRSVWYacgt", "TGCAVHDMKNYSBWRTGCA");
    echo ">$title\n", wordwrap($text, 60, "\n", true), "\n";
}
