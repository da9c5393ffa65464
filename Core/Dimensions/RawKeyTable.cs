using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Tikr.Core.Dimensions;

/// <summary>
/// Raw dimension bytes to keys: open addressing, one cache line per slot with the bytes in it (longer ones lie in an arena). Readers take
/// no lock; one writer at a time appends. Nothing is ever removed from a table: a new one is built and published instead.
/// </summary>
internal sealed unsafe class RawKeyTable
{
    /// <summary>State of a slot whose key the key table has not answered for, as far as readers know.</summary>
    public const int Unknown = 0;

    /// <summary>
    /// State of a slot whose key has its number: readers need not look at the key. A positive state is when its refusal was first seen.
    /// </summary>
    public const int Ready = -1;

    private const int SlotSize = 64, InlineBytes = 48, LeastSlots = 64, CachedSlots = 4096;

    // Pinned, so that slots can be aligned with cache lines.
    private readonly byte[] _memory;
    private readonly nint _offset;
    private readonly uint _mask;
    private readonly InternedKey[] _keys;
    private readonly bool[] _canonical;
    private readonly byte[] _arena;
    private int _arenaUsed;

    /// <summary>Makes an empty table.</summary>
    /// <param name="entries">Entries it must have room for.</param>
    /// <param name="arenaBytes">Bytes of long entries it must have room for.</param>
    public RawKeyTable(int entries, int arenaBytes)
    {
        var slots = (int)Math.Max(LeastSlots, BitOperations.RoundUpToPowerOf2((uint)entries * 2));
        _memory = GC.AllocateArray<byte>(checked((slots + 1) * SlotSize), pinned: true);
        var address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        _offset = ((address + SlotSize - 1) & -SlotSize) - address;
        _mask = (uint)slots - 1;
        _keys = new InternedKey[slots];
        _canonical = new bool[slots];
        _arena = arenaBytes == 0 ? [] : new byte[arenaBytes];
    }

    /// <summary>Entries held.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of long entries held.</summary>
    public int ArenaUsed => _arenaUsed;

    /// <summary>Whether slots are likely to be out of the cache when they are looked up.</summary>
    public bool IsLarge => _mask >= CachedSlots;

    /// <summary>Slots, taken or free.</summary>
    public int SlotCount => _keys.Length;

    /// <summary>Whether an entry of this length still fits.</summary>
    public bool HasRoomFor(int length) => Count < _keys.Length / 2 && (length <= InlineBytes || length <= _arena.Length - _arenaUsed);

    /// <summary>The slot that holds these bytes, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(byte* raw, int length, ulong hash)
    {
        var index = (uint)hash & _mask;
        var check = CheckOf(length, hash);
        while (true)
        {
            ref var slot = ref SlotAt(index);
            // The check is published last, so everything else in the slot is there once it is seen.
            var found = Volatile.Read(ref slot.Check);
            if (found == check && Holds(ref slot, raw, length)) return (int)index;
            if (found == 0) return -1;
            index = (index + 1) & _mask;
        }
    }

    /// <summary>Brings the slot of a hash into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (!Sse.IsSupported) return;
        var index = (uint)hash & _mask;
        Sse.Prefetch0(Unsafe.AsPointer(ref SlotAt(index)));
        Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_keys), index)));
    }

    /// <summary>
    /// Notes the use of a slot and reads its key. When the state is <see cref="Ready"/> the key is resolved and not rejected: the state is
    /// read before the key, and a key is replaced only while the state is not ready.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public InternedKey Use(int index, int stamp, out int state)
    {
        ref var slot = ref SlotAt((uint)index);
        if (slot.Stamp != stamp) slot.Stamp = stamp;
        state = Volatile.Read(ref slot.State);
        return Volatile.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_keys), index));
    }

    /// <summary>Remembers what a reader learned about the key of a slot.</summary>
    public void SetState(int index, int state) => Volatile.Write(ref SlotAt((uint)index).State, state);

    /// <summary>Adds an entry that the table does not hold and has room for. Under the writer's lock.</summary>
    public void Add(byte* raw, int length, ulong hash, InternedKey key, bool canonical, int stamp, int state = Unknown)
    {
        var index = (uint)hash & _mask;
        while (SlotAt(index).Check != 0) index = (index + 1) & _mask;
        ref var slot = ref SlotAt(index);
        var bytes = new ReadOnlySpan<byte>(raw, length);
        if (length <= InlineBytes)
        {
            bytes.CopyTo(MemoryMarshal.CreateSpan(ref slot.Bytes, InlineBytes));
        }
        else
        {
            bytes.CopyTo(_arena.AsSpan(_arenaUsed));
            Unsafe.As<byte, int>(ref slot.Bytes) = _arenaUsed;
            _arenaUsed += length;
        }

        slot.Stamp = stamp;
        slot.State = state;
        _canonical[index] = canonical;
        _keys[index] = key;
        Count++;
        Volatile.Write(ref slot.Check, CheckOf(length, hash));
    }

    /// <summary>Puts another key object in the place of one that was rejected. Under the writer's lock.</summary>
    public void Replace(int index, InternedKey key)
    {
        SetState(index, Unknown);
        Volatile.Write(ref _keys[index], key);
    }

    /// <summary>Whether the slot is taken. Under the writer's lock, like the readings below.</summary>
    public bool IsTaken(int index) => SlotAt((uint)index).Check != 0;

    /// <summary>Whether the slot holds the normal form of its key's set.</summary>
    public bool IsCanonical(int index) => _canonical[index];

    /// <summary>The key of a slot.</summary>
    public InternedKey KeyAt(int index) => _keys[index];

    /// <summary>When the slot was last used.</summary>
    public int StampAt(int index) => SlotAt((uint)index).Stamp;

    /// <summary>Copies an entry into another table.</summary>
    public void CopyTo(RawKeyTable target, int index)
    {
        ref var slot = ref SlotAt((uint)index);
        var length = LengthOf(slot.Check);
        fixed (byte* raw = BytesOf(ref slot, length))
        {
            target.Add(raw, length, RawHash.Of(raw, length), _keys[index], _canonical[index], slot.Stamp, slot.State);
        }
    }

    /// <summary>Bytes that the entry of a slot takes in the arena.</summary>
    public int ArenaBytesAt(int index) => LengthOf(SlotAt((uint)index).Check) is var length && length > InlineBytes ? length : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong CheckOf(int length, ulong hash) => (hash & 0xFFFF_FFFF_0000_0000) | 0x8000_0000 | (uint)length;

    private static int LengthOf(ulong check) => (int)(check & 0x7FFF_FFFF);

    // Most runs are of one short dimension: two loads that overlap compare them without a call.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Holds(ref Slot slot, byte* raw, int length)
    {
        if ((uint)(length - sizeof(ulong)) > sizeof(ulong)) return HoldsAny(ref slot, raw, length);
        var rest = length - sizeof(ulong);
        return Unsafe.ReadUnaligned<ulong>(raw) == Unsafe.ReadUnaligned<ulong>(ref slot.Bytes)
            && Unsafe.ReadUnaligned<ulong>(raw + rest) == Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref slot.Bytes, rest));
    }

    private bool HoldsAny(ref Slot slot, byte* raw, int length) => length <= InlineBytes
        ? new ReadOnlySpan<byte>(raw, length).SequenceEqual(MemoryMarshal.CreateReadOnlySpan(ref slot.Bytes, length))
        : new ReadOnlySpan<byte>(raw, length).SequenceEqual(_arena.AsSpan(Unsafe.As<byte, int>(ref slot.Bytes), length));

    private ReadOnlySpan<byte> BytesOf(ref Slot slot, int length) => length <= InlineBytes
        ? MemoryMarshal.CreateReadOnlySpan(ref slot.Bytes, length)
        : _arena.AsSpan(Unsafe.As<byte, int>(ref slot.Bytes), length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot SlotAt(uint index) => ref Unsafe.As<byte, Slot>(
        ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(_memory), _offset + ((nint)index * SlotSize)));

    [StructLayout(LayoutKind.Explicit, Size = SlotSize)]
    private struct Slot
    {
        [FieldOffset(0)] public ulong Check;
        [FieldOffset(8)] public int Stamp;
        [FieldOffset(12)] public int State;
        [FieldOffset(16)] public byte Bytes;
    }
}
