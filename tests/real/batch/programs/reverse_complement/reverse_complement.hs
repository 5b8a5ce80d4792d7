module Main where

import Data.Maybe (fromMaybe)

complement :: Char -> Char
complement code = fromMaybe code (lookup code (zip "ACGTBDHKMNRSVWYacgt" "TGCAVHDMKNYSBWRTGCA"))

records :: [String] -> [(String, String)]
records [] = []
records (title : rest) = (title, concat text) : records others
  where
    (text, others) = break ((== '>') . head) rest

wrapped :: String -> [String]
wrapped "" = []
wrapped text = line : wrapped rest
  where
    (line, rest) = splitAt 60 text

main :: IO ()
main = interact $ \input ->
    unlines [line | (title, text) <- records (lines input), line <- title : wrapped (map complement (reverse text))]
