#!/bin/sh
# Puts Interactive Gym into this user's application menu; with --remove takes it out again.
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
menu="${XDG_DATA_HOME:-$HOME/.local/share}/applications"
entry="$menu/interactive-gym-desktop.desktop"
if [ "${1:-}" = "--remove" ]; then
    rm -f "$entry"
    echo "Removed from the menu."
    exit 0
fi
mkdir -p "$menu"
sed "s|@FOLDER@|$folder|g" "$folder/interactive-gym-desktop.desktop" > "$entry"
echo "Interactive Gym is in the menu now ($entry)."
