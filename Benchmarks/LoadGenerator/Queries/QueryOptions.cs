namespace Tikr.LoadGenerator.Queries;

/// <summary>What is stored, what is asked for, and how often.</summary>
/// <param name="Address">The server.</param>
/// <param name="Keys">Keys with a bar in every second of the past.</param>
/// <param name="History">Bars of one key to ask for, one case each; the longest is the past that is stored.</param>
/// <param name="Minute">Whether to ask for a minute of all keys too.</param>
/// <param name="Repeat">Queries of each case.</param>
/// <param name="ServerPid">Server process on this machine, for its CPU time.</param>
/// <param name="Label">Name of the case in tables.</param>
/// <param name="JsonFile">Where results are appended.</param>
internal sealed record QueryOptions(
    Uri Address, int Keys, int[] History, bool Minute, int Repeat, int? ServerPid, string Label, string? JsonFile);

/// <summary>How long queries of one case took. <paramref name="History"/> is the bars of one answer.</summary>
internal sealed record QueryResult(
    string Label, int History, int Queries, double P50Ms, double P99Ms, double ServerCpuMs, long BytesPerBar);
