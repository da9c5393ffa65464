namespace Tikr.Storage.Timescale.Retention;

/// <summary>How data with a TTL is cut into chunks, and how often policies look for expired ones.</summary>
/// <param name="Chunk">Event time that one chunk holds.</param>
/// <param name="Schedule">Between two runs of a policy.</param>
internal readonly record struct ChunkPlan(TimeSpan Chunk, TimeSpan Schedule)
{
    /// <summary>
    /// Chunks of about a twelfth to a twenty-fourth of the TTL, so that little expired data waits for the rest of its chunk.
    /// </summary>
    public static ChunkPlan For(TimeSpan ttl) => ttl.TotalHours switch
    {
        <= 2 => new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1)),
        <= 6 => new(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(2)),
        <= 12 => new(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(5)),
        _ => new(TimeSpan.FromHours(1), TimeSpan.FromMinutes(5)),
    };
}
