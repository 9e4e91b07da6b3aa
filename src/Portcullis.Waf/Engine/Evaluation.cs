using Portcullis.Waf.Bytes;
using Portcullis.Waf.Regexes;
using Portcullis.Waf.Rules;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf.Engine;

/// <summary>
/// All that one transaction holds while rules look at it: the message's values, the variables that rules set, what matched, what was decided. It belongs to
/// one <see cref="RulePlan"/> and is reused by transaction after transaction. Not safe for concurrent use.
/// </summary>
internal sealed class Evaluation
{
    private EngineFault firstFault;

    public Evaluation(RulePlan plan)
    {
        Plan = plan;
        Values = new ValueTable(Arena, plan.Chains, plan.Prefilter);
        Matched = new MatchedVariables(Arena);
        Found = new FoundList(Arena);
        Message = new MessageVariables(plan.Names, Arena, Values);
        CaptureGroups = new CaptureGroups(this);
        Tx = new VariableStore(plan.Names) { Deferred = CaptureGroups };
        Env = new VariableStore(plan.Names);
        Variables = new VariableReader(this);
        Groups = new GroupCandidates(this);
        Removals = new RuntimeExclusions(plan);
        Hits = new HitLog(plan.Rules.Length);
    }

    public RulePlan Plan { get; }

    public Arena Arena { get; } = new();

    public ValueTable Values { get; }

    public MessageVariables Message { get; }

    public VariableReader Variables { get; }

    public VariableStore Tx { get; }

    public VariableStore Env { get; }

    /// <summary>The records that <c>initcol</c> opened, by <see cref="Variable"/> from IP to RESOURCE.</summary>
    public CollectionRecord?[] Records { get; } = new CollectionRecord?[Variable.Resource - Variable.Ip + 1];

    public MatchedVariables Matched { get; }

    public GroupCandidates Groups { get; }

    public RuntimeExclusions Removals { get; }

    public HitLog Hits { get; }

    /// <summary>What rules that matched want masked in reports, of themselves and of later rules. No more than there are rules.</summary>
    public List<Sanitising> Masks { get; } = [];

    public FoundList Found { get; }

    public BodyAccess Bodies { get; } = new();

    /// <summary>TX:0 to TX:9.</summary>
    public CaptureGroups CaptureGroups { get; }

    /// <summary>Groups of the last regular expression that captured, before they go to TX.</summary>
    public Capture[] Captures { get; } = new Capture[10];

    public ReadAddress Addresses { get; } = new();

    /// <summary>Where a macro gathers its parts.</summary>
    public Slice[] MacroParts { get; } = new Slice[16];

    public TransactionSettings Settings { get; set; } = TransactionSettings.Default;

    public PersistentCollections? Collections { get; set; }

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>When the transaction began, as the clock's timestamp.</summary>
    public long Started { get; set; }

    /// <summary>The rule that is being evaluated: RULE and macros in its messages read it.</summary>
    public Rule? Current { get; set; }

    public Phase Phase { get; set; }

    /// <summary>Whether matches refuse, or are only reported.</summary>
    public EngineMode Mode { get; set; }

    /// <summary>Which of the coming phases <c>allow</c> has taken out.</summary>
    public AllowScope Allowed { get; set; }

    public Severity HighestSeverity { get; set; } = Severity.None;

    public Interruption? Interruption { get; set; }

    /// <summary>In detection mode: what would have been done.</summary>
    public Interruption? Suppressed { get; set; }

    /// <summary>The first thing that went wrong in the engine itself.</summary>
    public EngineFault FirstFault => firstFault == EngineFault.None && Arena.IsFull ? EngineFault.OutOfRoom : firstFault;

    /// <summary>The time that patterns took which need backtracking.</summary>
    public TimeSpan Backtracking { get; set; }

    /// <summary>Whether a pattern that needs backtracking took too long.</summary>
    public bool HasTimedOut => Message.Number(Variable.MscPcreLimitsExceeded) != 0;

    /// <summary>Whether no further rule of the phase may run: a rule has decided, or switched the engine off, or memory is at its end.</summary>
    public bool IsOver => (Interruption is not null && Phase != Phase.Logging) || Mode == EngineMode.Off || IsAllowed || Arena.IsFull;

    private bool IsAllowed => Allowed switch
    {
        AllowScope.Nothing => false,
        AllowScope.Phase => true,
        AllowScope.Request => Phase is Phase.RequestHeaders or Phase.RequestBody,
        _ => Phase != Phase.Logging,
    };

    public void Fault(EngineFault fault)
    {
        if (firstFault == EngineFault.None) firstFault = fault;
        if (fault == EngineFault.RegexTimedOut)
        {
            Message.Set(Variable.MscPcreLimitsExceeded, 1);
            Message.Set(Variable.MscPcreError, 1);
        }
    }

    public void Clear()
    {
        firstFault = EngineFault.None;
        Backtracking = TimeSpan.Zero;
        Values.Clear();
        Message.Clear();
        CaptureGroups.Clear();
        Tx.Clear();
        Env.Clear();
        Array.Clear(Records);
        Matched.Clear();
        Groups.Clear();
        Removals.Clear();
        Hits.Clear();
        Masks.Clear();
        Found.Forget();
        Variables.Forget();
        Current = null;
        Allowed = AllowScope.Nothing;
        HighestSeverity = Severity.None;
        Interruption = Suppressed = null;
        Settings = TransactionSettings.Default;
        Collections = null;
        // Last: everything above may point into it.
        Arena.Clear();
    }
}
