"""The demo's dozen of homes in Bangladesh."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Home:
    """What the seven steps are filled with. `scene` and `hours` are what its pictures show; amounts in BDT."""

    host: str
    title: str
    scene: str
    hours: tuple[str, ...]
    place: str
    area: str
    at: tuple[float, float]
    kind: str
    sub_kind: str
    price: int
    size: tuple[int, int, int, int]
    text: str
    highlights: tuple[str, ...]
    regular: tuple[str, ...]
    standout: tuple[str, ...]
    terms: dict[str, Any] = field(default_factory=dict)
    menu: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    table: tuple[str, int] | None = None


WIFI = ("Wifi", "Kitchen", "Washer", "Air conditioning")
PLAIN = ("Wifi", "Kitchen", "Free parking")

HOMES: tuple[Home, ...] = (
    Home(
        "rahim", "Lake House on Kaptai", "lake", ("day", "gold"), "Kaptai Lake, Rangamati", "Tabalchhari", (22.6372, 92.1980),
        "House", "Entire place", 4800, (6, 3, 4, 2),
        "Three rooms over the water, a jetty of its own and a rowing boat. Breakfast comes across the lake.",
        ("Own jetty", "Rowing boat", "Sunrise over the hills"), PLAIN, ("Lake access", "Fire pit", "Boat"),
        {"discounts": {"weeklyStay": 10, "monthlyStay": 25, "earlyBooking": 5}, "cleaning_fee": 600},
        {"breakfast": (("Paratha and dal", 180), ("Khichuri with egg", 220)), "lunch": (("Bamboo chicken", 520),),
         "dinner": (("Lake fish curry", 560),)},
    ),
    Home(
        "nasrin", "Palm Beach Cottage", "beach", ("gold", "day"), "Kolatoli, Cox's Bazar", "Marine Drive", (21.4180, 91.9820),
        "House", "Entire place", 5600, (5, 2, 3, 2),
        "Wake to the longest beach in the world: a wooden cottage on stilts, forty steps from the surf.",
        ("On the beach", "Hammocks", "Surfboards"), WIFI, ("Beach access", "Outdoor shower"),
        {"instant_book": True, "price_rules": "weekend", "cleaning_fee": 800, "check_in_from": "13:00"},
    ),
    Home(
        "tanvir", "Tea Garden Bungalow", "tea", ("day", "night"), "Sreemangal, Sylhet", "Radhanagar", (24.3100, 91.7350),
        "House", "Private room", 1900, (3, 1, 2, 1),
        "A planter's bungalow among the rows; walk to the seven-layer tea and the Lawachara forest.",
        ("Tea tasting", "Forest walks", "Quiet"), PLAIN, ("Garden", "Bicycles"),
        {"negotiation": {"auto_decline_percent": 60}, "discounts": {"weeklyStay": 12}},
        {}, ("Home-cooked meals with the family: rice, dal, greens and the catch of the day.", 650),
    ),
    Home(
        "nasrin", "Gulshan Skyline Flat", "city", ("night", "day"), "Gulshan, Dhaka", "Road 79, Gulshan 2", (23.7945, 90.4143),
        "Apartment", "Entire place", 6500, (4, 2, 2, 2),
        "Fourteenth floor above the lake, a desk with a view, and the city's best kitchens around the corner.",
        ("Lake view", "Work desk", "Gym"), WIFI, ("Gym", "Lift", "Generator"),
        {"negotiation": {"auto_accept_percent": 95}, "discounts": {"monthlyStay": 30}, "cancellation_policy": "flexible"},
    ),
    Home(
        "rahim", "Sundarbans Houseboat", "mangrove", ("gold", "night"), "Mongla, Khulna", "Pashur river", (22.4890, 89.5960),
        "Houseboat", "Entire place", 9800, (8, 4, 8, 2),
        "Four cabins, a crew of three and the mangroves gliding by. Deer at dawn, fireflies at night.",
        ("With crew", "Guided walks", "All meals on board"), ("Kitchen", "Fans", "Safe water"), ("Deck", "Binoculars", "Guide"),
        {"min_nights": 2, "notice_days": 3, "cancellation_policy": "firm", "cleaning_fee": 1500},
        {"breakfast": (("Luchi and aloo dum", 200),), "lunch": (("Crab masala", 850),), "dinner": (("River prawns", 950),)},
    ),
    Home(
        "tanvir", "Cloud Cabin in Sajek", "cloud_valley", ("gold", "night"), "Sajek, Rangamati", "Ruilui Para", (23.3820, 92.2930),
        "Cabin", "Entire place", 4200, (4, 1, 2, 1),
        "A bamboo cabin on stilts: in the morning the valley is a sea of clouds, at your feet.",
        ("Above the clouds", "Balcony", "Stargazing"), ("Fans", "Blankets", "Safe water"), ("Balcony", "Fire pit"),
        {"price_rules": "winter"},
    ),
    Home(
        "nasrin", "Pink Palace in Old Dhaka", "palace", ("day", "gold"), "Islampur, Old Dhaka", "Sadarghat", (23.7086, 90.4060),
        "Castle", "Private room", 7400, (4, 2, 2, 2),
        "Two high-ceilinged rooms in a merchant's palace by the river; rickshaws to everything old and delicious.",
        ("Roof terrace", "River view", "Heritage"), ("Wifi", "Air conditioning", "Washer"), ("Roof terrace", "Library"),
        {"cancellation_policy": "moderate", "cleaning_fee": 500},
        {"breakfast": (("Bakarkhani and nihari", 320),), "dinner": (("Kacchi biryani", 680),)},
    ),
    Home(
        "tanvir", "Hilltop Dome Camp", "camp", ("gold", "night"), "Nilgiri, Bandarban", "Chimbuk road", (22.0330, 92.3140),
        "Dome", "Entire place", 1650, (2, 1, 1, 1),
        "A lit dome under more stars than you remembered, with a stove, a real bed and no neighbours.",
        ("Stargazing", "Camp fire", "Telescope"), ("Blankets", "Safe water", "Heating"), ("Telescope", "Fire pit"),
        {"price_rules": "weekend"},
    ),
    Home(
        "rahim", "Lighthouse Keeper's House", "lighthouse", ("night", "gold"), "Kuakata, Patuakhali", "Beach road",
        (21.8190, 90.1210),
        "Tower", "Entire place", 5200, (5, 2, 3, 1),
        "Where the sun both rises and sets over the sea. The keeper's old house, and the key to the tower.",
        ("Climb the tower", "Sunrise and sunset", "Fresh fish"), PLAIN, ("Beach access", "Tower"),
    ),
    Home(
        "rahim", "Coral Island Hut", "beach", ("day", "night"), "Saint Martin's Island", "West beach", (20.6230, 92.3230),
        "Cabin", "Entire place", 1750, (3, 1, 2, 1),
        "Coral sand, coconuts and a hut with its door to the west. The ferry's last guests leave at three; you stay.",
        ("Own beach", "Snorkels", "Coconuts"), ("Fans", "Safe water", "Kitchen"), ("Beach access", "Snorkels"),
        {"notice_days": 2, "max_nights": 14},
        {"breakfast": (("Coconut pancakes", 140),), "dinner": (("Grilled snapper", 420),)},
    ),
    Home(
        "tanvir", "Riverside Room in Jaflong", "lake", ("gold", "day"), "Jaflong, Sylhet", "Zero point", (25.1650, 92.0170),
        "House", "Shared room", 1200, (2, 1, 2, 1),
        "Clear water, round stones and the Khasi hills. A simple room in a family house, dinner at one table.",
        ("River swims", "Family table", "Hills"), ("Fans", "Kitchen", "Safe water"), ("River access",),
        {}, {}, ("Dinner and breakfast at the family's table.", 400),
    ),
    Home(
        "nasrin", "Harbour View Hotel Suite", "city", ("gold", "night"), "Agrabad, Chattogram", "Sheikh Mujib Road",
        (22.3250, 91.8120),
        "Hotel", "Private room", 5900, (3, 1, 2, 1),
        "Ships, hills and the best mezban in town: a corner suite above the harbour with breakfast included.",
        ("Harbour view", "Breakfast", "Airport pick-up"), WIFI, ("Gym", "Roof pool", "Lift"),
        {"instant_book": True, "negotiation_availability": False, "discounts": {"weeklyStay": 15}},
        {"breakfast": (("Hotel breakfast", 0),), "dinner": (("Mezban beef", 620),)},
    ),
)  # fmt: skip
