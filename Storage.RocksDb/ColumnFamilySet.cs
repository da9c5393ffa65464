using RocksDbSharp;
using Rocks = RocksDbSharp.RocksDb;

namespace Tikr.Storage.RocksDb;

/// <summary>An opened database with its column families.</summary>
internal sealed class ColumnFamilySet(Rocks db)
{
    public const string TicksName = "ticks", BarsName = "bars", MetaName = "meta", FlushesName = "flushes", OutboxName = "outbox";

    public Rocks Db { get; } = db;

    public ColumnFamilyHandle Ticks { get; } = db.GetColumnFamily(TicksName);

    public ColumnFamilyHandle Bars { get; } = db.GetColumnFamily(BarsName);

    public ColumnFamilyHandle Meta { get; } = db.GetColumnFamily(MetaName);

    /// <summary>Manifests and ledger rows: written by every flush and soon deleted, apart from what lives long.</summary>
    public ColumnFamilyHandle Flushes { get; } = db.GetColumnFamily(FlushesName);

    public ColumnFamilyHandle Outbox { get; } = db.GetColumnFamily(OutboxName);

    public ColumnFamilyHandle this[Family family] => family switch
    {
        Family.Ticks => Ticks,
        Family.Bars => Bars,
        Family.Meta => Meta,
        Family.Flushes => Flushes,
        Family.Outbox => Outbox,
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, null),
    };
}

/// <summary>Names a column family across reopenings.</summary>
internal enum Family
{
    Ticks,
    Bars,
    Meta,
    Flushes,
    Outbox,
}
