using System.Text.Json;
using Portcullis.Control.Identity.People;
using Portcullis.Control.Identity.Sessions;
using Portcullis.Control.Storage;
using Portcullis.EndToEnd.Tests.Nodes;
using Portcullis.Gateway.Configuration;
using Portcullis.Trust.Keys;
using Portcullis.Trust.OneTimeCodes;
using Portcullis.Trust.Passwords;

namespace Portcullis.EndToEnd.Tests.Identity;

/// <summary><c>user</c> and <c>session</c>, as an operator or a script runs them beside a running node.</summary>
public sealed class PeopleVerbsTests
{
    private const string Good = "correct horse battery";

    private const string Configuration = """
        data: ./data
        {storage}
        listeners:
          tls: { address: "{tls}", tls: {} }
        admin: { address: "{admin}" }
        identity: { issuer: "https://localhost:1", passwords: { minimumLength: 14, temporaryLifetime: 48h, serviceWords: [Wunderland] } }
        roles: { clerk: ["orders:read"], buyer: ["orders:write"], payer: ["orders:pay"], root: { mfa: required, permissions: ["admin:*"] } }
        separationOfDuties: [["orders:write", "orders:pay"]]
        routes:
          all: { match: { path: "/closed" }, redirect: {}, policies: { authenticate: token } }
        """;

    [Fact]
    public async Task People_are_added_listed_disabled_and_get_another_password()
    {
        await using var place = await Place.StartAsync(postgres: true);

        var (code, output, error) = await place.RunAsync(Good + "\n", "user", "add", "Ada@Example.com", "--display-name", "Ада Лавлейс", "--require-mfa", "--role", "clerk", "--tenant", "north", "--keep-password", "--password-stdin", "--output", "json");
        Assert.Equal((0, string.Empty), (code, error));
        using var added = JsonDocument.Parse(output);
        var subject = added.RootElement.GetProperty("subject").GetString()!;
        Assert.Equal("ada@example.com", added.RootElement.GetProperty("name").GetString());
        Assert.Equal(0, (await place.RunAsync("another good passphrase\r\nignored", "user", "add", "eve", "--keep-password", "--password-stdin")).Code);

        Assert.Equal(PasswordCheck.Right, await place.CheckAsync("ada@example.com", Good));
        Assert.Equal(PasswordCheck.Right, await place.CheckAsync("eve", "another good passphrase"));
        using (var list = JsonDocument.Parse((await place.RunAsync(string.Empty, "user", "list", "--output", "json")).Output))
        {
            Assert.Equal(["ada@example.com", "eve"], list.RootElement.EnumerateArray().Select(person => person.GetProperty("name").GetString()!));
            var ada = list.RootElement[0];
            Assert.Equal((subject, "Ада Лавлейс", true, false, false, true), (ada.GetProperty("subject").GetString(), ada.GetProperty("displayName").GetString(), ada.GetProperty("requiresMfa").GetBoolean(), ada.GetProperty("disabled").GetBoolean(), ada.GetProperty("hasSecondFactor").GetBoolean(), ada.GetProperty("hasPassword").GetBoolean()));
            Assert.DoesNotContain("pbkdf2", list.RootElement.GetRawText(), StringComparison.Ordinal);
        }

        Assert.StartsWith($"ada@example.com ({subject})  clerk", (await place.RunAsync(string.Empty, "role", "list")).Output, StringComparison.Ordinal);

        // By subject or by name, in any case.
        Assert.Equal(0, (await place.RunAsync(string.Empty, "user", "disable", "ADA@example.com")).Code);
        Assert.Contains("(disabled, second factor to be enrolled)", (await place.RunAsync(string.Empty, "user", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await place.RunAsync(string.Empty, "user", "disable", subject)).Code);
        Assert.Equal(0, (await place.RunAsync(string.Empty, "user", "enable", subject)).Code);
        Assert.DoesNotContain("disabled", (await place.RunAsync(string.Empty, "user", "list")).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await place.RunAsync("zwölf Boxkämpfer jagen\n", "user", "reset-password", "ada@example.com", "--password-stdin")).Code);
        Assert.Equal(PasswordCheck.Wrong, await place.CheckAsync("ada@example.com", Good));
        Assert.Equal(PasswordCheck.Right, await place.CheckAsync("ada@example.com", "zwölf Boxkämpfer jagen"));
    }

    [Fact]
    public async Task A_password_that_an_operator_sets_is_temporary_and_one_that_is_drawn_is_shown_once()
    {
        await using var place = await Place.StartAsync(postgres: true);
        var (code, output, error) = await place.RunAsync(string.Empty, "user", "add", "ada", "--generate-password", "--output", "json");
        Assert.Equal((0, string.Empty), (code, error));
        using var added = JsonDocument.Parse(output);
        var drawn = added.RootElement.GetProperty("password").GetString()!;
        Assert.Equal(22, drawn.Length);
        Assert.InRange(added.RootElement.GetProperty("passwordUntil").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(47), TimeSpan.FromHours(48));
        Assert.Equal(PasswordCheck.Right, await place.CheckAsync("ada", drawn));
        var list = (await place.RunAsync(string.Empty, "user", "list")).Output;
        Assert.Contains("password to be changed by 2", list, StringComparison.Ordinal);
        Assert.DoesNotContain(drawn, list, StringComparison.Ordinal);

        Assert.Equal(0, (await place.RunAsync(Good + "\n", "user", "reset-password", "ada", "--password-stdin", "--keep-password")).Code);
        Assert.DoesNotContain("to be changed", (await place.RunAsync(string.Empty, "user", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await place.RunAsync(Good + "\n", "user", "reset-password", "ada", "--password-stdin")).Code);
        Assert.Contains("to be changed", (await place.RunAsync(string.Empty, "user", "list")).Output, StringComparison.Ordinal);
        var again = (await place.RunAsync(string.Empty, "user", "reset-password", "ada", "--generate-password")).Output.Trim().Split('\n')[^1];
        Assert.NotEqual(drawn, again);
        Assert.Equal(PasswordCheck.Right, await place.CheckAsync("ada", again));
        Assert.Equal(1, (await place.RunAsync(Good + "\n", "user", "reset-password", "ada", "--generate-password", "--password-stdin")).Code);
    }

    [Fact]
    public async Task A_person_is_moved_to_another_tenant_and_signs_in_anew()
    {
        await using var place = await Place.StartAsync(postgres: true);
        Assert.Equal(1, (await place.RunAsync(Good + "\n", "user", "add", "ada", "--password-stdin", "--tenant", "no rth")).Code);
        await place.RunAsync(Good + "\n", "user", "add", "ada", "--keep-password", "--password-stdin", "--tenant", "north");
        Assert.Contains("  ada  tenant north", (await place.RunAsync(string.Empty, "user", "list")).Output, StringComparison.Ordinal);
        var sid = await place.SignInAsync("ada");

        Assert.Equal(0, (await place.RunAsync(string.Empty, "user", "set-tenant", "ada", "south")).Code);
        Assert.DoesNotContain(sid, (await place.RunAsync(string.Empty, "session", "list")).Output, StringComparison.Ordinal);
        Assert.Contains("  ada  tenant south", (await place.RunAsync(string.Empty, "user", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await place.RunAsync(string.Empty, "user", "set-tenant", "ada")).Code);
        Assert.DoesNotContain("tenant", (await place.RunAsync(string.Empty, "user", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await place.RunAsync(string.Empty, "user", "set-tenant", "eve", "south")).Code);
        Assert.Equal(1, (await place.RunAsync(string.Empty, "user", "set-tenant", "ada", "so/uth")).Code);
    }

    [Fact]
    public async Task Who_holds_a_role_that_needs_a_second_factor_and_has_none_is_shown()
    {
        await using var place = await Place.StartAsync(postgres: false);
        await place.RunAsync(Good + "\n", "user", "add", "ada", "--keep-password", "--password-stdin", "--role", "root");
        await place.RunAsync(Good + "\n", "user", "add", "eve", "--keep-password", "--password-stdin", "--role", "clerk");
        Assert.Contains("  ada  (second factor to be enrolled for role root)", (await place.RunAsync(string.Empty, "user", "list")).Output, StringComparison.Ordinal);
        Assert.Contains("holds role root, which needs a second factor, and has none", (await place.RunAsync(string.Empty, "access", "review")).Output, StringComparison.Ordinal);
        using var list = JsonDocument.Parse((await place.RunAsync(string.Empty, "user", "list", "--output", "json")).Output);
        Assert.Equal([1, 0], list.RootElement.EnumerateArray().Select(person => person.GetProperty("rolesThatRequireMfa").GetArrayLength()));
    }

    [Fact]
    public async Task Sessions_are_listed_and_end_by_themselves_and_with_what_happens_to_their_person()
    {
        await using var place = await Place.StartAsync(postgres: false);
        await place.RunAsync(Good + "\n", "user", "add", "ada", "--password-stdin");
        await place.RunAsync(Good + "\n", "user", "add", "eve", "--password-stdin");
        var (one, other) = (await place.SignInAsync("ada"), await place.SignInAsync("eve"));

        using (var list = JsonDocument.Parse((await place.RunAsync(string.Empty, "session", "list", "--output", "json")).Output))
        {
            Assert.Equal([(one, "ada"), (other, "eve")], list.RootElement.EnumerateArray().Select(session => (session.GetProperty("id").GetString()!, session.GetProperty("name").GetString()!)));
            Assert.Equal(("Firefox on Linux", "192.0.2.1"), (list.RootElement[0].GetProperty("device").GetString(), list.RootElement[0].GetProperty("address").GetString()));
        }

        Assert.Equal(0, (await place.RunAsync(string.Empty, "session", "end", one)).Code);
        Assert.Equal(1, (await place.RunAsync(string.Empty, "session", "end", one)).Code);
        Assert.Equal(string.Empty, (await place.RunAsync(string.Empty, "session", "list", "--user", "ada")).Output);
        Assert.Contains(other, (await place.RunAsync(string.Empty, "session", "list")).Output, StringComparison.Ordinal);

        foreach (var verb in new[] { "session end --user ada", "user disable ada", "user enable ada", "user reset-mfa ada", "user reset-password ada --password-stdin" })
        {
            if (verb == "user enable ada")
            {
                Assert.Equal(0, (await place.RunAsync(string.Empty, verb.Split(' '))).Code);
                continue;
            }

            var sid = await place.SignInAsync("ada");
            Assert.Contains(sid, (await place.RunAsync(string.Empty, "session", "list")).Output, StringComparison.Ordinal);
            Assert.Equal((0, string.Empty), await CodeAsync(place.RunAsync("quite another password\n", verb.Split(' '))));
            Assert.DoesNotContain(sid, (await place.RunAsync(string.Empty, "session", "list")).Output, StringComparison.Ordinal);
        }

        Assert.Contains(other, (await place.RunAsync(string.Empty, "session", "list", "--user", "eve")).Output, StringComparison.Ordinal);

        static async Task<(int, string)> CodeAsync(Task<(int Code, string Output, string Error)> running) => await running is var done ? (done.Code, done.Error) : default;
    }

    [Fact]
    public async Task Second_factors_are_taken_away_all_at_once()
    {
        await using var place = await Place.StartAsync(postgres: true);
        await place.RunAsync(Good + "\n", "user", "add", "ada", "--keep-password", "--password-stdin", "--require-mfa");
        await place.UseAsync(async stores =>
        {
            var id = (await stores.People.FindByNameAsync("ada", default))!.Id;
            await stores.Factors.SetTotpAsync(id, Totp.NewSecret(), 1, default);
            await stores.Factors.ReplaceRecoveryCodesAsync(id, [.. RecoveryCodes.Generate().Select(code => code.Hash)], default);
            foreach (byte i in new byte[] { 1, 2 })
                Assert.True(await stores.Passkeys.TryAddAsync(new Passkey { CredentialId = new[] { i }, Subject = id, PublicKey = new byte[] { 1 }, Label = "key", SignCount = 0, IsBackedUp = false, Created = TimeProvider.System.GetUtcNow() }, 5, default));
            return true;
        });
        Assert.Contains("(second factor)", (await place.RunAsync(string.Empty, "user", "list")).Output, StringComparison.Ordinal);

        var (code, output, _) = await place.RunAsync(string.Empty, "user", "reset-mfa", "ada", "--output", "json");

        Assert.Equal(0, code);
        using var reset = JsonDocument.Parse(output);
        Assert.Equal((true, 2), (reset.RootElement.GetProperty("oneTimeCodes").GetBoolean(), reset.RootElement.GetProperty("passkeys").GetInt32()));
        Assert.Contains("(second factor to be enrolled)", (await place.RunAsync(string.Empty, "user", "list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, await place.UseAsync(async stores => await stores.Factors.CountRecoveryCodesAsync((await stores.People.FindByNameAsync("ada", default))!.Id, default)));
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_its_exit_code_and_a_hint()
    {
        await using var place = await Place.StartAsync(postgres: false);
        await place.RunAsync(Good + "\n", "user", "add", "ada", "--password-stdin");

        foreach (var (expected, input, arguments, says) in new (int, string, string, string)[]
        {
            (1, Good, "user add ada --password-stdin", "already"),
            (1, Good, "user add мария --password-stdin", "ASCII"),
            (1, Good, "user add 0123456789abcdef0123456789abcdef --password-stdin", "subject"),
            (1, "too short", "user add eve --password-stdin", "at least 14 characters"),
            (1, "wunderland-2026", "user add eve --password-stdin", "name of the service"),
            (1, string.Empty, "user add eve --password-stdin", "Type a password"),
            (1, new string('x', 5000), "user add eve --password-stdin", "standard input"),
            (1, Good, "user add eve --password-stdin --role nothing", "defines buyer, clerk, payer"),
            (1, Good, "user add eve --password-stdin --role buyer --role payer", "not granted"),
            (1, Good, "user add eve", "no terminal"),
            (1, Good, "user add eve --password-stdin --data elsewhere", "no data directory"),
            (1, Good, "user reset-password eve --password-stdin", "no user eve"),
            (1, "x", "user reset-password ada --password-stdin", "at least 14"),
            (1, string.Empty, "user disable eve", "no user eve"),
            (1, string.Empty, "user enable 0123456789abcdef0123456789abcdef", "no user"),
            (1, string.Empty, "user reset-mfa eve", "no user eve"),
            (1, string.Empty, "session list --user eve", "no user eve"),
            (1, string.Empty, "session end 0123456789abcdef0123456789abcdef", "no session"),
            (2, string.Empty, "session end", "either"),
            (2, string.Empty, "session end x --user ada", "either"),
            (2, string.Empty, "user add", "Required argument"),
        })
        {
            var (code, output, error) = await place.RunAsync(input, arguments.Split(' '));
            Assert.Equal((expected, string.Empty), (code, output));
            Assert.Contains(says, error, StringComparison.Ordinal);
            Assert.Contains("hint:", error, StringComparison.Ordinal);
            Assert.DoesNotContain(Good, error, StringComparison.Ordinal);
        }

        Assert.Equal("ada", Assert.Single(await place.UseAsync(stores => stores.People.ListAsync(default))).Name);
    }

    [Fact]
    public async Task A_password_is_typed_twice_and_not_shown()
    {
        var script = Requirement.Tool("script", "bsdutils");
        await using var place = await Place.StartAsync(postgres: false);
        var verb = $"{GatewayProcess.Executable} user add ada --config {place.Node.ConfigurationFile}";

        Assert.Contains("differ", await TypeAsync(Good + "\n" + Good + "x\n"), StringComparison.Ordinal);
        var shown = await TypeAsync(Good + "\n" + Good + "\n");

        Assert.Contains("Password:", shown, StringComparison.Ordinal);
        Assert.Contains("user ada added", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("horse", shown, StringComparison.Ordinal);
        Assert.Equal(PasswordCheck.Right, await place.CheckAsync("ada", Good));

        async Task<string> TypeAsync(string keys)
        {
            using var terminal = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(script, ["-q", "-e", "-c", verb, "/dev/null"])
            {
                WorkingDirectory = place.Node.Directory,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            var text = new System.Text.StringBuilder();
            var isAsked = false;
            var buffer = new char[1024];
            int read;
            while ((read = await terminal.StandardOutput.ReadAsync(buffer).AsTask().WithPatience()) > 0)
            {
                text.Append(buffer, 0, read);

                // Both lines at once, as fast as they can be pasted. What is typed before the question is shown by the terminal itself.
                if (isAsked || !text.ToString().Contains("Password:", StringComparison.Ordinal)) continue;
                isAsked = true;
                await terminal.StandardInput.WriteAsync(keys);
                await terminal.StandardInput.FlushAsync();
            }

            await terminal.WaitForExitAsync().WithPatience();
            return text.ToString();
        }
    }

    /// <summary>A running node, and the stores that it works on.</summary>
    private sealed class Place : IAsyncDisposable
    {
        private readonly Dictionary<string, string> environment = new(StringComparer.Ordinal);

        private Place(Node node, string? connection)
        {
            Node = node;
            Connection = connection;
            if (connection is not null) environment["PORTCULLIS_TEST_DATABASE"] = connection;
        }

        public Node Node { get; }

        private string? Connection { get; }

        public static async Task<Place> StartAsync(bool postgres)
        {
            var connection = postgres ? await (await PostgresServer.SharedAsync()).CreateDatabaseAsync() : null;
            var yaml = Configuration.Replace("{storage}", postgres ? "storage: { postgres: \"${env:PORTCULLIS_TEST_DATABASE}\" }" : string.Empty, StringComparison.Ordinal);
            return new Place(await Node.StartAsync(yaml, connection is null ? null : new Dictionary<string, string>(StringComparer.Ordinal) { ["PORTCULLIS_TEST_DATABASE"] = connection }), connection);
        }

        public Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] arguments)
            => GatewayProcess.RunAsync(Node.Directory, environment, input, arguments.Contains("--data") ? arguments : [.. arguments, "--config", Node.ConfigurationFile]);

        public async Task<T> UseAsync<T>(Func<PeopleStores, Task<T>> use)
        {
            var data = DataDirectory.OpenExisting(Node.At("data"));
            await using var store = await Store.OpenExistingAsync(data, new StorageOptions { Postgres = Connection is null ? null : Secret.FromText(Connection) });
            using var ring = KeyRing.Open(data.Keys, [], TimeProvider.System);
            using var stores = new PeopleStores(store, ring, TimeProvider.System);
            return await use(stores);
        }

        public Task<PasswordCheck> CheckAsync(string name, string typed) => UseAsync(async stores =>
        {
            using var hasher = new PasswordHasher(PasswordCost.Default);
            Assert.Equal(PasswordForm.Usable, Password.Read(typed, out var password));
            return await hasher.VerifyAsync(password, (await stores.People.FindByNameAsync(name, default))!.PasswordHash, default);
        });

        /// <summary>A session of a person, as the sign-in pages begin them; gives its <c>sid</c>.</summary>
        public Task<string> SignInAsync(string name) => UseAsync(async stores =>
        {
            var registry = new SessionRegistry(stores.Sessions, SessionRules.Of(new SessionOptions()), TimeProvider.System);
            var person = await stores.People.FindByNameAsync(name, default);
            return (await registry.StartAsync(person!.Id, TimeProvider.System.GetUtcNow(), ["pwd"], "Firefox on Linux", "192.0.2.1", null, default))!.Session.Sid;
        });

        public ValueTask DisposeAsync() => Node.DisposeAsync();
    }
}
