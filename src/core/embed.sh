#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
# embed.sh TOP FILE...: the files as C arrays, for core/embedded.h.
top=$1
shift
echo '/* Made by src/core/embed.sh. */'
echo '#include "core/embedded.h"'
n=0
for file in "$@"; do
    n=$((n + 1))
    printf 'static const unsigned char file%d[] = {' $n
    od -An -v -tu1 "$top/$file" | tr -s ' \n' ',' | sed 's/^,//; s/,$//'
    echo ',0};'
done
echo 'const lk_embedded_t lk_embedded[] = {'
n=0
for file in "$@"; do
    n=$((n + 1))
    printf '    {"%s", {file%d, sizeof(file%d) - 1}},\n' "$file" $n $n
done
echo '    {NULL, {NULL, 0}}};'
