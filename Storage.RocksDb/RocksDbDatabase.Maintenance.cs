using System.Globalization;
using RocksDbSharp;

namespace Tikr.Storage.RocksDb;

/// <summary>Sizes and the reclaiming of space.</summary>
internal sealed partial class RocksDbDatabase
{
    private const byte IncludeMemoryAndFiles = 3;

    /// <summary>About how many bytes a range takes in memory and in files, deleted entries included.</summary>
    public unsafe long ApproximateBytes(Family family, byte[] from, byte[] to)
    {
        using var usage = Use();
        fixed (byte* start = from, end = to)
        {
            byte* starts = start, ends = end;
            nuint startLength = (nuint)from.Length, endLength = (nuint)to.Length;
            ulong size = 0;
            Native.Instance.rocksdb_approximate_sizes_cf_with_flags(
                usage.Families.Db.Handle, usage.Families[family].Handle, 1, (IntPtr)(&starts), (IntPtr)(&startLength), (IntPtr)(&ends),
                (IntPtr)(&endLength), IncludeMemoryAndFiles, (IntPtr)(&size), out var error);
            if (error != IntPtr.Zero) throw Errors.Unavailable("measure", Options, new RocksDbException(error));
            return (long)size;
        }
    }

    /// <summary>
    /// Deletes table files that lie wholly within a range, all of which must be deleted already. Level 0 is left to compaction.
    /// </summary>
    public void DropFiles(Family family, byte[] from, byte[] to)
    {
        using var usage = Use();
        Native.Instance.rocksdb_delete_file_in_range_cf(
            usage.Families.Db.Handle, usage.Families[family].Handle, from, (nuint)from.Length, to, (nuint)to.Length, out var error);
        if (error != IntPtr.Zero) throw Errors.Unavailable("delete files", Options, new RocksDbException(error));
    }

    /// <summary>Compacts a range, so that deleted entries give back their space; the whole family without bounds.</summary>
    public void Compact(Family family, byte[]? from = null, byte[]? to = null)
    {
        using var usage = Use();
        var options = Native.Instance.rocksdb_compactoptions_create();
        Native.Instance.rocksdb_compactoptions_set_exclusive_manual_compaction(options, 0);
        Native.Instance.rocksdb_compact_range_cf_opt(
            usage.Families.Db.Handle, usage.Families[family].Handle, options,
                from, (nuint)(from?.Length ?? 0), to, (nuint)(to?.Length ?? 0));
        Native.Instance.rocksdb_compactoptions_destroy(options);
    }

    /// <summary>Ends <see cref="Compact"/> calls under way, for good: closing must not wait for gigabytes to be rewritten.</summary>
    private void AbandonCompactions()
    {
        if (!TryUse(out var usage)) return;
        using (usage) Native.Instance.rocksdb_disable_manual_compaction(usage.Families.Db.Handle);
    }

    /// <summary>Writes the family's memory to a table file.</summary>
    public void FlushMemory(Family family)
    {
        using var usage = Use();
        var options = Native.Instance.rocksdb_flushoptions_create();
        Native.Instance.rocksdb_flush_cf(usage.Families.Db.Handle, options, usage.Families[family].Handle, out var error);
        Native.Instance.rocksdb_flushoptions_destroy(options);
        if (error != IntPtr.Zero) throw Errors.Unavailable("flush", Options, new RocksDbException(error));
    }

    /// <summary>A numeric property of a column family; 0 if it is not known.</summary>
    public long Property(Family family, string name)
    {
        using var usage = Use();
        var text = usage.Families.Db.GetProperty(name, usage.Families[family]);
        return long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }
}
