using Spectre.Console;

namespace Tikr.Cli;

/// <summary>Where a command writes: results and errors as plain text, tables and progress as the terminal allows.</summary>
internal sealed record Terminal(TextWriter Out, TextWriter Error, IAnsiConsole Console);
