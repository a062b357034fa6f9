using Microsoft.Extensions.Configuration;
using Quayside.Contracts.Users;
using Quayside.EventSourcing;
using Quayside.Servers;
using Quayside.ServiceDefaults.Hosting;
using Quayside.Services.Tests.ServiceDefaults;
using Quayside.Users;
using Quayside.Users.Profiles;
using Quayside.Users.Registering;

namespace Quayside.Services.Tests.Users;

public sealed class SqliteRegistrationTableTests() : RegistrationTableTests(null);

public sealed class PostgresRegistrationTableTests(PostgresServer server) : RegistrationTableTests(server);

public abstract class RegistrationTableTests(PostgresServer? server) : IAsyncLifetime
{
    private static readonly Registrant Ada = new("Ada@example.test", "Ada");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("quayside-users-");
    private readonly ManualTime time = new();
    private EventStore store = null!;
    private ProfileTable profiles = null!;
    private RegistrationTable registrations = null!;

    public async ValueTask InitializeAsync()
    {
        var connection = server is null ? null : await server.CreateDatabaseAsync();
        store = UsersApp.Open(new DataDirectory(folder.FullName), new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:Users", connection)]).Build());
        profiles = new(store, time);
        registrations = new(store, profiles, time);
    }

    [Fact]
    public async Task What_was_given_first_is_kept_without_blanks_around()
    {
        var id = await AddAsync(new(" Ada@example.test ", " Ada "));
        await registrations.AddAsync(id, new("eve@example.test", "Eve"), CancellationToken.None);
        Assert.Equal(Ada, await FindAsync(id));
        Assert.Null(await FindAsync(Guid.NewGuid().ToString()));
    }

    [Fact]
    public async Task What_has_led_to_a_user_is_not_kept_and_another_try_leads_to_the_same()
    {
        var id = await AddAsync(Ada);
        var user = await CreateAsync(id);
        Assert.Equal((RegistrationIds.UserOf(id), Ada), (user!.Id, new Registrant(user.Email, user.Name)));
        await registrations.AddAsync(id, Ada, CancellationToken.None);
        Assert.Null(await FindAsync(id));
        Assert.Equal(user, await CreateAsync(id));
    }

    [Fact]
    public async Task A_taken_address_leads_to_its_owner_and_when_he_is_gone_to_nobody()
    {
        var owner = await CreateAsync(await AddAsync(Ada));
        var id = await AddAsync(new("ADA@EXAMPLE.TEST", "Eve"));
        Assert.Equal(owner, await CreateAsync(id));
        Assert.Null(await FindAsync(id));
        Assert.Equal(owner, await CreateAsync(id));

        Assert.NotNull(await profiles.DeleteAsync(owner!.Id, _ => true, new EventMetadata(), CancellationToken.None));
        Assert.Null(await CreateAsync(id));
        Assert.NotNull(await CreateAsync(await AddAsync(Ada)));
        Assert.Null(await CreateAsync(id));
    }

    [Fact]
    public async Task Beside_the_deletion_of_an_addresss_owner_no_registration_of_it_is_lost()
    {
        for (var i = 0; i < 300; i++)
        {
            var owner = await CreateAsync(await AddAsync(Ada));
            var id = await AddAsync(Ada);
            var deletion = Task.Run(() => profiles.DeleteAsync(owner!.Id, _ => true, new EventMetadata(), CancellationToken.None));
            var found = await CreateAsync(id);
            await deletion;
            Assert.NotNull(found);
            Assert.Equal(found.Id == owner!.Id ? null : found, await CreateAsync(id));
            await profiles.DeleteAsync(found.Id, _ => true, new EventMetadata(), CancellationToken.None);
        }
    }

    [Fact]
    public async Task After_a_week_nothing_is_left_but_the_user()
    {
        var waiting = await AddAsync(new("eve@example.test", "Eve"));
        var done = await AddAsync(Ada);
        var user = await CreateAsync(done);
        time.Advance(TimeSpan.FromDays(7));
        await AddAsync(new("bob@example.test", "Bob"));
        Assert.NotNull(await FindAsync(waiting));

        time.Advance(TimeSpan.FromMilliseconds(1));
        await AddAsync(new("cyd@example.test", "Cyd"));
        Assert.Null(await FindAsync(waiting));
        Assert.Null(await CreateAsync(waiting));
        Assert.Equal(user, await CreateAsync(done));
        Assert.Equal(2, await store.Database.ReadAsync(session => session.ReadLongAsync("SELECT COUNT(*) FROM registrations"), CancellationToken.None));
    }

    [Fact]
    public async Task One_that_was_started_before_brings_its_fields_itself()
    {
        var command = new CreateUser(Guid.NewGuid().ToString(), Ada.Email, Ada.Name);
        var user = await registrations.CreateUserAsync(command, new EventMetadata(), CancellationToken.None);
        Assert.Equal(Ada, new Registrant(user!.Email, user.Name));
        Assert.Equal(user, await registrations.CreateUserAsync(command, new EventMetadata(), CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task<string> AddAsync(Registrant given)
    {
        var id = Guid.NewGuid().ToString();
        await registrations.AddAsync(id, given, CancellationToken.None);
        return id;
    }

    private ValueTask<Registrant?> FindAsync(string id) => registrations.FindAsync(id, CancellationToken.None);

    private Task<Profile?> CreateAsync(string id) => registrations.CreateUserAsync(new(id), new EventMetadata(), CancellationToken.None);
}
