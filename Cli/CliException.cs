namespace Tikr.Cli;

/// <summary>The command cannot go on; the message says why and what to do.</summary>
internal sealed class CliException(string message) : Exception(message);
