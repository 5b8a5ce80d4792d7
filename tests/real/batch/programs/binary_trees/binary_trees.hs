module Main where

import Control.Monad (forM_)
import Data.Bits (shiftL)
import Text.Printf (printf)

data Tree = Leaf | Branch Tree Tree

tree :: Int -> Tree
tree 0 = Leaf
tree depth = Branch (tree (depth - 1)) (tree (depth - 1))

nodes :: Tree -> Int
nodes Leaf = 1
nodes (Branch left right) = 1 + nodes left + nodes right

deepest :: Int
deepest = 10

main :: IO ()
main = do
    let kept = tree deepest
    forM_ [4, 6 .. deepest] $ \depth -> do
        let count = 1 `shiftL` (deepest + 4 - depth) :: Int
            total = sum [nodes (tree (depth + i - i)) | i <- [1 .. count]]
        printf "%d trees of depth %d: %d nodes\n" count depth total
    printf "a tree of depth %d: %d nodes\n" deepest (nodes kept)
