namespace Tests.Realtime.Model;

/// <summary>States in order of discovery, each once; a state is identified by its number from then on.</summary>
internal sealed class StateSet<TState>
    where TState : struct, IEquatable<TState>
{
    private const int InitialSlots = 1 << 12;

    // Open addressing; a slot holds the number of a state + 1, 0: free. At most half of the slots are taken.
    private int[] _slots = new int[InitialSlots];
    private TState[] _states = new TState[InitialSlots / 2];

    public int Count { get; private set; }

    public ref readonly TState this[int number] => ref _states[number];

    /// <summary>The state's number; <paramref name="isNew"/> when it was not there.</summary>
    public int Add(in TState state, out bool isNew)
    {
        var slot = SlotOf(state);
        isNew = _slots[slot] == 0;
        if (!isNew)
        {
            return _slots[slot] - 1;
        }

        if (Count == _states.Length)
        {
            Grow();
            slot = SlotOf(state);
        }

        _states[Count] = state;
        _slots[slot] = ++Count;
        return Count - 1;
    }

    private int SlotOf(in TState state)
    {
        var mask = _slots.Length - 1;
        var slot = state.GetHashCode() & mask;
        while (_slots[slot] != 0 && !_states[_slots[slot] - 1].Equals(state))
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        Array.Resize(ref _states, _states.Length * 2);
        _slots = new int[_slots.Length * 2];
        for (var number = 0; number < Count; number++)
        {
            _slots[SlotOf(_states[number])] = number + 1;
        }
    }
}
