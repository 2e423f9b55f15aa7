/**
 * The command line: a client of a running host's HTTP API. {@link org.llmgine.cli.Main} starts it, every subcommand is a
 * picocli command of its own, {@link org.llmgine.cli.Host} speaks HTTP for all of them.
 */
@NullMarked
package org.llmgine.cli;

import org.jspecify.annotations.NullMarked;
