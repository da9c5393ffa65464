namespace Tikr.Core.Ticks;

/// <summary>
/// A tick block cannot be decoded: it was damaged after it was written, or a newer version wrote it. Nothing of it was returned.
/// </summary>
public sealed class TickBlockException(string message) : Exception(message)
{
    internal static TickBlockException Damaged(string detail) => new(
        $"Tick block is damaged: {detail}. Stored bytes no longer are what was "
            + $"written; check the disk, and restore the data or delete the block.");

    internal static TickBlockException Truncated(int length, string wanted) =>
        Damaged($"it ends after {length} bytes, before the end of {wanted}");
}
