namespace Tikr.LoadGenerator.Queries;

/// <summary>What to ask a server, and how often.</summary>
/// <param name="Address">The server.</param>
/// <param name="History">Bars to ask for, one case each.</param>
/// <param name="Repeat">Queries of each case.</param>
/// <param name="ServerPid">Server process on this machine, for its CPU time.</param>
/// <param name="Label">Name of the case in tables.</param>
/// <param name="JsonFile">Where results are appended.</param>
internal sealed record QueryOptions(Uri Address, int[] History, int Repeat, int? ServerPid, string Label, string? JsonFile);

/// <summary>How long queries of one length took.</summary>
internal sealed record QueryResult(string Label, int History, int Queries, double P50Ms, double P99Ms, double ServerCpuMs, long BytesPerBar);
