"""What VK's ``users.get`` says about a person. A description for type checkers: nothing is checked with it.

https://dev.vk.com/en/reference/objects/user and https://github.com/VKCOM/vk-api-schema (5.199), seen 2026-11.
"""

from typing import Annotated, Final, Literal, NotRequired, TypeAlias, TypedDict

__all__ = [
    "ADDED",
    "Area",
    "Career",
    "Connections",
    "Contacts",
    "Counters",
    "CropPhoto",
    "Education",
    "Exports",
    "Flag",
    "LastSeen",
    "Military",
    "Occupation",
    "Personal",
    "Photo",
    "PhotoImage",
    "PhotoSize",
    "Place",
    "RelationPartner",
    "Relative",
    "School",
    "StatusAudio",
    "University",
    "VKProfile",
]

ADDED: Final = "documented by VK, and missing in the types that others give these fields"

Flag: TypeAlias = Literal[0, 1]


class Place(TypedDict):
    """A city or a country."""

    id: int
    title: str


class Connections(TypedDict):
    """Names in other networks."""

    facebook: NotRequired[str]
    skype: NotRequired[str]
    twitter: NotRequired[str]
    livejournal: NotRequired[str]
    instagram: NotRequired[str]


class Contacts(TypedDict):
    """Telephone numbers, in whatever form the person wrote them."""

    mobile_phone: NotRequired[str]
    home_phone: NotRequired[str]


class StatusAudio(TypedDict):
    """The song in the status."""

    access_key: NotRequired[str]
    artist: str
    id: int
    owner_id: int
    title: str
    url: NotRequired[str]
    duration: int
    date: NotRequired[int]
    album_id: NotRequired[int]
    genre_id: NotRequired[int]
    performer: NotRequired[str]


class LastSeen(TypedDict):
    """The last visit. ``platform``: 1 mobile site, 2 iPhone, 3 iPad, 4 Android, 5 and 6 Windows, 7 the site."""

    platform: NotRequired[Literal[1, 2, 3, 4, 5, 6, 7]]
    time: NotRequired[int]


class Exports(TypedDict):
    """Networks to which posts are exported."""

    facebook: NotRequired[int]
    livejournal: NotRequired[int]
    twitter: NotRequired[int]
    instagram: NotRequired[int]


class PhotoImage(TypedDict):
    """One copy of a photo, as older answers have it."""

    height: NotRequired[int]
    type: NotRequired[Literal["s", "m", "x", "l", "o", "p", "q", "r", "y", "z", "w"]]
    url: NotRequired[str]
    width: NotRequired[int]


class PhotoSize(TypedDict):
    """One copy of a photo."""

    height: int
    url: str
    src: NotRequired[str]
    type: Literal[
        "s", "m", "x", "o", "p", "q", "r", "k", "l", "y", "z", "c", "w",
        "a", "b", "e", "i", "d", "j", "temp", "h", "g", "n", "f", "max",
    ]  # fmt: skip
    width: int


class Photo(TypedDict):
    """A photo. ``lat`` and ``long`` are degrees, dates Unix time."""

    access_key: NotRequired[str]
    album_id: int
    date: int
    height: NotRequired[int]
    id: int
    images: NotRequired[list[PhotoImage]]
    lat: NotRequired[float]
    long: NotRequired[float]
    owner_id: int
    photo_256: NotRequired[str]
    can_comment: NotRequired[Flag]
    place: NotRequired[str]
    post_id: NotRequired[int]
    sizes: NotRequired[list[PhotoSize]]
    text: NotRequired[str]
    user_id: NotRequired[int]
    width: NotRequired[int]
    has_tags: bool


class Area(TypedDict):
    """A part of a photo, its corners in percent of the photo."""

    x: float
    y: float
    x2: float
    y2: float


class CropPhoto(TypedDict):
    """The photo that the avatar was cut from: ``crop`` is the avatar, ``rect`` the small square one within it."""

    photo: Photo
    crop: Area
    rect: Area


class Occupation(TypedDict):
    """What the person does now."""

    id: NotRequired[int]
    name: NotRequired[str]
    type: NotRequired[Literal["work", "school", "university"]]


# Some keys are words of Python, which the other notation does not take: "from" and "class".
Career = TypedDict(
    "Career",
    {
        "group_id": NotRequired[int],
        "company": NotRequired[str],
        "country_id": NotRequired[int],
        "city_id": NotRequired[int],
        "city_name": NotRequired[str],
        "from": NotRequired[int],
        "until": NotRequired[int],
        "position": NotRequired[str],
    },
)

Military = TypedDict(
    "Military",
    {
        "country_id": int,
        "from": NotRequired[int],
        "unit": str,
        "unit_id": int,
        "until": NotRequired[int],
    },
)


class Education(TypedDict):
    """The university, as the field ``education`` has it."""

    university: NotRequired[int]
    university_name: NotRequired[str]
    faculty: NotRequired[int]
    faculty_name: NotRequired[str]
    graduation: NotRequired[int]


class RelationPartner(TypedDict):
    """The other one of ``relation``."""

    deactivated: NotRequired[str]
    first_name: str
    hidden: NotRequired[int]
    id: int
    last_name: str
    can_access_closed: NotRequired[bool]
    is_closed: NotRequired[bool]


class Personal(TypedDict):
    """Views on life, as VK numbers them."""

    alcohol: NotRequired[Literal[1, 2, 3, 4, 5]]
    inspired_by: NotRequired[str]
    langs: NotRequired[list[str]]
    life_main: NotRequired[Literal[1, 2, 3, 4, 5, 6, 7, 8]]
    people_main: NotRequired[Literal[1, 2, 3, 4, 5, 6]]
    political: NotRequired[Literal[1, 2, 3, 4, 5, 6, 7, 8, 9]]
    religion: NotRequired[str]
    smoking: NotRequired[Literal[1, 2, 3, 4, 5]]


class University(TypedDict):
    """One of ``universities``."""

    chair: NotRequired[int]
    chair_name: NotRequired[str]
    city: NotRequired[int]
    country: NotRequired[int]
    education_form: NotRequired[str]
    education_status: NotRequired[str]
    faculty: NotRequired[int]
    faculty_name: NotRequired[str]
    graduation: NotRequired[int]
    id: NotRequired[int]
    name: NotRequired[str]
    university_group_id: NotRequired[int]


School = TypedDict(
    "School",
    {
        "city": NotRequired[int],
        "class": NotRequired[str],
        "country": NotRequired[int],
        "id": NotRequired[str],
        "name": NotRequired[str],
        "type": NotRequired[int],
        "type_str": NotRequired[str],
        "year_from": NotRequired[int],
        "year_graduated": NotRequired[int],
        "year_to": NotRequired[int],
        "speciality": NotRequired[str],
    },
)


class Relative(TypedDict):
    """One of ``relatives``; below 0 is the ``id`` of somebody without a page."""

    id: NotRequired[int]
    name: NotRequired[str]
    type: Literal["parent", "child", "grandparent", "grandchild", "sibling"]


class Counters(TypedDict):
    """How much of each there is; only asked for one person alone."""

    albums: NotRequired[int]
    videos: NotRequired[int]
    audios: NotRequired[int]
    photos: NotRequired[int]
    notes: NotRequired[int]
    friends: NotRequired[int]
    groups: NotRequired[int]
    online_friends: NotRequired[int]
    mutual_friends: NotRequired[int]
    user_videos: NotRequired[int]
    followers: NotRequired[int]
    pages: NotRequired[int]


class VKProfile(TypedDict):
    """A user as VK's ``users.get`` gives one: of the optional fields those that were asked for in ``fields``."""

    id: int
    first_name: str
    last_name: str
    photo_100: str
    can_access_closed: bool  # this and the next may be missing where "deactivated" is there
    is_closed: bool
    deactivated: NotRequired[str]
    sex: NotRequired[Literal[0, 1, 2]]  # 1 female, 2 male, 0 not told
    screen_name: NotRequired[str]
    photo_50: NotRequired[str]
    online: NotRequired[Flag]
    online_mobile: NotRequired[Flag]
    online_app: NotRequired[int]
    verified: NotRequired[Flag]
    trending: NotRequired[Flag]
    friend_status: NotRequired[Literal[0, 1, 2, 3]]
    first_name_nom: NotRequired[str]
    first_name_gen: NotRequired[str]
    first_name_dat: NotRequired[str]
    first_name_acc: NotRequired[str]
    first_name_ins: NotRequired[str]
    first_name_abl: NotRequired[str]
    last_name_nom: NotRequired[str]
    last_name_gen: NotRequired[str]
    last_name_dat: NotRequired[str]
    last_name_acc: NotRequired[str]
    last_name_ins: NotRequired[str]
    last_name_abl: NotRequired[str]
    nickname: NotRequired[str]
    maiden_name: NotRequired[str]
    domain: NotRequired[str]
    bdate: NotRequired[str]  # D.M.YYYY, or D.M
    city: NotRequired[Place]
    country: NotRequired[Place]
    timezone: NotRequired[float]  # hours; there are halves
    photo_200: NotRequired[str]
    photo_max: NotRequired[str]
    photo_200_orig: NotRequired[str]
    photo_400_orig: NotRequired[str]
    photo_max_orig: NotRequired[str]
    photo_id: NotRequired[str]
    has_photo: NotRequired[Flag]
    has_mobile: NotRequired[Flag]
    is_friend: NotRequired[Flag]
    can_post: NotRequired[Flag]
    can_see_all_posts: NotRequired[Flag]
    can_see_audio: NotRequired[Flag]
    connections: NotRequired[Connections]
    photo_400: NotRequired[str]
    wall_default: NotRequired[Literal["owner", "all"]]
    interests: NotRequired[str]
    books: NotRequired[str]
    tv: NotRequired[str]
    quotes: NotRequired[str]
    about: NotRequired[str]
    games: NotRequired[str]
    movies: NotRequired[str]
    activities: NotRequired[str]
    music: NotRequired[str]
    can_write_private_message: NotRequired[Flag]
    can_send_friend_request: NotRequired[Flag]
    contacts: NotRequired[Contacts]
    site: NotRequired[str]
    status_audio: NotRequired[StatusAudio]
    status: NotRequired[str]
    last_seen: NotRequired[LastSeen]
    exports: NotRequired[Exports]
    crop_photo: NotRequired[CropPhoto]
    followers_count: NotRequired[int]
    blacklisted: NotRequired[Flag]
    blacklisted_by_me: NotRequired[Flag]
    is_favorite: NotRequired[Flag]
    is_hidden_from_feed: NotRequired[Flag]
    common_count: NotRequired[int]
    occupation: NotRequired[Occupation]
    career: NotRequired[Career | Annotated[list[Career], ADDED]]
    military: NotRequired[Military | Annotated[list[Military], ADDED]]
    education: NotRequired[Education]
    home_town: NotRequired[str]
    relation: NotRequired[Literal[0, 1, 2, 3, 4, 5, 6, 7, 8]]
    relation_partner: NotRequired[RelationPartner]
    personal: NotRequired[Personal]
    universities: NotRequired[list[University]]
    schools: NotRequired[list[School]]
    relatives: NotRequired[list[Relative]]
    counters: NotRequired[Counters]
    is_no_index: NotRequired[Flag]
    email: NotRequired[str]  # not from users.get: put there from the token answer
