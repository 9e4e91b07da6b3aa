using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Portcullis.Control.Identity.Account;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Control.Tests.Identity.Sessions;
using Portcullis.Gateway;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Connections.Tls;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Roles;
using Portcullis.Gateway.Policies;
using Portcullis.Trust.Keys;
using Portcullis.Trust.OneTimeCodes;
using Portcullis.Trust.Passwords;
using Portcullis.Trust.Sealing;

namespace Portcullis.Control.Tests.Identity.Account;

/// <summary>A data plane with the pages on a loopback port, its stores in memory. It believes what a proxy in front says: scheme and address are the tests' choice.</summary>
internal sealed class AccountNode : IAsyncDisposable
{
    public const string Password = "seven green kettles";

    private readonly TemporaryDirectory directory = new();
    private readonly KeyRing ring;
    private readonly PasswordHasher hasher;
    private readonly DataPlaneHost host;

    private AccountNode(int cost)
    {
        hasher = new PasswordHasher(PasswordCost.Unsafe(cost), concurrency: 1);
        ring = KeyRing.Open(directory.At("keys"), [KeyPolicy.ForTokens(KeyAlgorithm.ES256, TimeSpan.FromHours(24)), KeyPolicy.ForData(), KeyPolicy.ForCookies(KnownDevices.Life)], Clock);
        People = new MemoryPeople(Clock);
        Factors = new MemoryFactors(Clock);
        People.HasFactor = Factors.Has;
        Factors.Needs = (subject, defined) => People[subject].RequiresMfa || RolesOf(subject).Any(defined.NeedsFactor);
        var sealer = new Sealer(ring, KeyPurpose.Cookie);
        var throttle = new SignInThrottle(Clock);
        var devices = new KnownDevices(sealer, Clock);
        Registry = new SessionRegistry(Sessions, new SessionRules(TimeSpan.FromMinutes(30), TimeSpan.FromHours(12), 5), Clock);
        Services = new AccountServices
        {
            People = People,
            Factors = Factors,
            Passkeys = Factors,
            FactorRule = new FactorRule(Roles, (subject, _) => Task.FromResult(RolesOf(subject))),
            Sessions = Registry,
            Passwords = new PasswordSignIn(People, hasher, throttle, devices, Clock),
            Hasher = hasher,
            Throttle = throttle,
            Devices = devices,
            Standing = new Standing(Sessions, Recorded, Recorded, Clock),
            Answered = Answered,
            Sealer = sealer,
            Events = Recorded,
            Clock = Clock,
        };
        host = new DataPlaneHost(new DataPlaneServices
        {
            Loggers = NullLoggerFactory.Instance,
            Clock = Clock,
            Keys = new Lazy<KeyRing>(ring),
            Clients = new NoClients(),
            Identity = new IdentityServices { Pages = new AccountPages(() => Task.FromResult(Services)), Events = Recorded },
            DevelopmentCertificate = () => DevelopmentCertificate.LoadOrCreate(directory.At("tls"), TimeProvider.System),
        });
    }

    public ManualTimeProvider Clock { get; } = new();

    public MemoryPeople People { get; }

    public MemoryFactors Factors { get; }

    /// <summary>Role <c>administrator</c> asks for a second factor, <c>reader</c> does not.</summary>
    public RunningRoles Roles { get; } = StrongRoles();

    /// <summary>Who has which roles.</summary>
    public ConcurrentDictionary<string, string[]> Held { get; } = new(StringComparer.Ordinal);

    public MemorySessionStore Sessions { get; } = new();

    public MemoryAnswered Answered { get; } = new();

    public RecordedStanding Recorded { get; } = new();

    public SessionRegistry Registry { get; }

    public AccountServices Services { get; }

    public int Port => host.Listeners["public"].EndPoint.Port;

    public static async Task<AccountNode> StartAsync(string issuer = "https://issuer.example", int cost = 1000)
    {
        var node = new AccountNode(cost);
        var yaml = $$"""
            listeners: { public: { address: 127.0.0.1:0, trustedProxies: [127.0.0.0/8] } }
            identity: { issuer: "{{issuer}}" }
            """;
        var problems = await node.host.ApplyAsync(new ConfigurationLoader(PolicyKinds.All, new Dictionary<string, string>(StringComparer.Ordinal)).Load(Encoding.UTF8.GetBytes(yaml), "test.yaml", node.directory.Path));
        Assert.Empty(problems);
        return node;
    }

    /// <summary>A person with <see cref="Password"/>.</summary>
    public async Task<Person> AddAsync(string name = "ada", Func<Person, Person>? change = null)
    {
        var words = PasswordForm.Usable == Portcullis.Trust.Passwords.Password.Read(Password, out var password) ? password! : throw new InvalidOperationException();
        var person = new Person
        {
            Id = Guid.NewGuid().ToString("N"),
            Name = name,
            PasswordHash = await hasher.HashAsync(words, CancellationToken.None),
            PasswordChanged = Clock.GetUtcNow().AddDays(-1),
            DevicesSince = Clock.GetUtcNow().AddDays(-1),
            Created = Clock.GetUtcNow().AddDays(-1),
        };
        person = change?.Invoke(person) ?? person;
        People.Set(person);
        return person;
    }

    /// <summary>Gives a person an app, and returns what it would show.</summary>
    public async Task<Secret> AddAppAsync(Person person)
    {
        var secret = Totp.NewSecret();
        await Factors.SetTotpAsync(person.Id, secret, 0, CancellationToken.None);
        return secret;
    }

    public string Code(Secret secret) => Totp.Code(secret, Clock.GetUtcNow());

    public Browser Browser(string address = "192.0.2.1") => new(this, address);

    /// <summary>A browser in which somebody is signed in.</summary>
    public async Task<Browser> SignedInAsync(Person person, Secret? app = null)
    {
        var browser = Browser();
        var answer = await browser.SignInAsync(person.Name);
        if (app is not null) answer = await browser.PostAsync("/account/sign-in/code", ("code", Code(app)));
        Assert.True(browser.IsSignedIn, answer.Body);
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        hasher.Dispose();
        ring.Dispose();
        directory.Dispose();
    }

    private static RunningRoles StrongRoles()
    {
        var roles = new RunningRoles();
        var defined = new Dictionary<string, RoleOptions>(StringComparer.Ordinal) { ["administrator"] = new() { Permissions = ["users:write"], Mfa = RoleFactor.Required }, ["reader"] = new() { Permissions = ["orders:read"] } };
        roles.Publish(RoleSet.Compile(defined, [], static defect => Assert.False(defect.IsError, defect.Text)), []);
        return roles;
    }

    private IReadOnlyList<string> RolesOf(string subject) => Held.GetValueOrDefault(subject, []);

    private sealed class NoClients : IClientStore
    {
        public ValueTask<OAuthClient?> FindAsync(string id, CancellationToken cancellationToken) => new((OAuthClient?)null);
    }
}
