namespace Tikr.LoadGenerator;

/// <summary>What the bar of one key and bucket must be: 40 bytes, so that long runs over many keys stay small.</summary>
internal struct ExpectedBar
{
    /// <summary>Key number of the run.</summary>
    public int Key;

    public int Count;
    public int Open, High, Low, Close;
    public long Volume;

    /// <summary>Nanoseconds since the start of the bucket.</summary>
    public uint First, Last;

    /// <summary>Adds a tick that is not earlier than those before.</summary>
    public void Add(int price, int quantity, uint time)
    {
        if (Count++ == 0)
        {
            Open = High = Low = price;
            First = time;
        }

        High = Math.Max(High, price);
        Low = Math.Min(Low, price);
        Close = price;
        Last = time;
        Volume += quantity;
    }

    /// <summary>Adds another stream's part; no two streams send equal times.</summary>
    public void Merge(in ExpectedBar other)
    {
        if (Count == 0)
        {
            this = other;
            return;
        }

        if (other.First < First) (Open, First) = (other.Open, other.First);
        if (other.Last > Last) (Close, Last) = (other.Close, other.Last);
        High = Math.Max(High, other.High);
        Low = Math.Min(Low, other.Low);
        Volume += other.Volume;
        Count += other.Count;
    }
}
