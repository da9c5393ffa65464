namespace Tikr.Storage.Timescale.Ticks;

/// <summary>The column grp: the number of a key that has blocks of its own, or below zero a group that keys share.</summary>
internal static class TickGroup
{
    public static long Own(uint keyId) => keyId;

    public static long Shared(uint keyId) => -1L - (keyId % FlushCommit.SharedGroups);

    public static long Of(in EncodedBlock block) => block.Kind == BlockKind.OneKey ? block.Group : -1L - block.Group;

    public static bool IsShared(long group) => group < 0;
}
