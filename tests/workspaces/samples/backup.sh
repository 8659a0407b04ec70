#!/bin/sh
# Copies a directory aside and removes the oldest copy.
target=$1
keep=$2

cd $target
rm -rf $keep/old/*
if [ $keep = "" ]; then
  echo "nothing to keep"
fi
tar czf "backup-$(date +%F).tar.gz" .
